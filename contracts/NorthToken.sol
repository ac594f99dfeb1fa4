// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Northstar (NORTH)
/// @notice The arena's token: a fixed supply, minted once to the distributor; nobody can mint, pause or seize.
contract NorthToken is ERC20, ERC20Permit {
    /// @notice Every NORTH there will ever be: 100,000,000,000 with 18 decimals.
    uint256 public constant SUPPLY = 100_000_000_000e18;

    /// @param distributor Receives the whole supply.
    constructor(address distributor) ERC20("Northstar", "NORTH") ERC20Permit("Northstar") {
        _mint(distributor, SUPPLY);
    }
}
